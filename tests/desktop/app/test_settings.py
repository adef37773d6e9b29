"""The command line goes over the environment, which goes over what was kept."""

from pathlib import Path

import pytest

from wc_desktop.app.arguments import settings_from
from wc_desktop.app.settings import Kept, keep, keep_user, read_kept


def test_the_command_line_goes_first(tmp_path: Path) -> None:
    environment = {"WC_DATA": str(tmp_path / "a"), "WC_KEYSTORE": f"insecure:{tmp_path / 'a.json'}"}
    given = settings_from(["--data", str(tmp_path / "b"), "--insecure-keystore", str(tmp_path / "b.json")], environment)
    assert given.data_dir == tmp_path / "b"
    assert given.keystore_file == tmp_path / "b.json"


def test_the_environment_says_where_and_when(tmp_path: Path) -> None:
    environment = {
        "WC_DATA": str(tmp_path),
        "WC_KEYSTORE": "insecure:/somewhere/keys.json",
        "WC_DEMO_CLOCK_OFFSET": "-3600",
        "WC_TRACE_STARTUP": "1",
        "WC_STARTED_AT": "1795405680.25",
    }
    given = settings_from([], environment)
    assert given.data_dir == tmp_path
    assert given.keystore_file == Path("/somewhere/keys.json")
    assert given.clock_offset == -3600
    assert given.trace
    assert given.started_at == pytest.approx(1795405680.25)


def test_nothing_but_a_named_file_makes_an_insecure_keystore(tmp_path: Path) -> None:
    assert settings_from([], {"WC_DATA": str(tmp_path), "WC_KEYSTORE": "plaintext"}).keystore_file is None


def test_the_look_is_kept_until_the_command_line_says_otherwise(tmp_path: Path) -> None:
    keep(tmp_path, Kept(theme="dark", text_size=1.25, last_user="u"))
    given = settings_from(["--data", str(tmp_path)], {})
    assert (given.theme, given.text_size) == ("dark", 1.25)
    assert settings_from(["--data", str(tmp_path), "--theme", "light"], {}).theme == "light"


@pytest.mark.parametrize("content", ["", "[]", '{"theme": "pink"}', '{"text_size": "large"}', "\x00"])
def test_a_damaged_settings_file_stops_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    assert read_kept(tmp_path).theme == "system"


def test_who_was_here_last_is_kept_beside_the_look(tmp_path: Path) -> None:
    keep(tmp_path, Kept(theme="dark"))
    keep_user(tmp_path, "somebody")
    assert read_kept(tmp_path) == Kept(theme="dark", last_user="somebody")


@pytest.mark.parametrize("argv", [["--text-size", "3"], ["--text-size", "big"], ["--theme", "pink"], ["--what"]])
def test_what_is_not_understood_ends_with_two(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        settings_from(argv, {})
    assert ended.value.code == 2
    assert "wc-desktop" in capsys.readouterr().err


def test_help_names_the_commands_and_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings_from(["--help"], {})
    said = capsys.readouterr().out
    for word in ("enrol", "report", "--data", "--theme", "--text-size", "--insecure-keystore", "WC_DATA"):
        assert word in said
