"""${message}

Revision: ${up_revision}
Before it: ${down_revision | comma,n}
"""

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "raise NotImplementedError"}


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
