"""The program `wc-sync-server`: the operator's commands and, where its extra is installed, the demonstration."""

import gc
from importlib.util import find_spec

import typer


def main() -> None:
    """Run the command that was asked for."""
    program()()


def program() -> typer.Typer:
    """Return all commands of this installation."""
    # What is imported lives until the end: without this it is gone through again and again, now and when we leave.
    gc.disable()
    from wc_sync_server.cli.app import app  # noqa: PLC0415

    if find_spec("synthea") is not None:
        # A server in production is installed without the extra `demo`, and so without this command.
        from wc_sync_server.demo.command import demo  # noqa: PLC0415

        app.command("demo")(demo)
    gc.freeze()
    gc.enable()
    return app


if __name__ == "__main__":
    main()
