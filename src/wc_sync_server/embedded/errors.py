"""What can go wrong around the embedded server, said so that the person at the machine can act."""

from wc_contract.model.errors import Unavailable


class EmbeddedPostgresUnavailable(Unavailable):
    """The embedded PostgreSQL cannot be made, started or stopped; the message says what to do."""

    code = "embedded_postgres_unavailable"
