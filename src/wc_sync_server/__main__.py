"""The program `wc-sync-server`: the operator's commands and, where its extra is installed, the demonstration."""

from importlib.util import find_spec

from wc_sync_server.cli.app import app

if find_spec("synthea") is not None:
    # A server in production is installed without the extra `demo`, and so without this command.
    from wc_sync_server.demo.command import demo

    app.command("demo")(demo)


def main() -> None:
    """Run the command that was asked for."""
    app()


if __name__ == "__main__":
    main()
