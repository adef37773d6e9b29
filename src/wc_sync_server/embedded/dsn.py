"""Where a database is and who asks."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from psycopg.conninfo import make_conninfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """One database on one server, for one role. Its repr never shows the password."""

    socket_dir: Path
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def conninfo(self) -> str:
        """Return it as libpq's keyword=value string."""
        return make_conninfo(
            host=str(self.socket_dir),
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=self.database,
        )

    def url(self, scheme: str = "postgresql") -> str:
        """Return it as a URL, for libpq as it is, for SQLAlchemy with scheme `postgresql+psycopg`."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        where = urlencode({"host": str(self.socket_dir), "port": self.port}, quote_via=quote)
        return f"{scheme}://{who}@/{quote(self.database, safe='')}?{where}"

    def with_database(self, database: str) -> "Dsn":
        """Return the same server and role, another database."""
        return replace(self, database=database)

    def with_role(self, user: str, password: str) -> "Dsn":
        """Return the same database, another role."""
        return replace(self, user=user, password=password)
