"""The file of addresses: read strictly, secrets apart from it, and every mistake told with the table it is in."""

from pathlib import Path

import pytest

from wc_sync_server.delivery.addresses import AddressesWrong, carriers_of, read_addresses
from wc_sync_server.domain.messages import Channel

SECRET = "a-secret-of-twenty-four-characters"
WEBHOOK = '[lakeside.webhook]\nurl = "https://hooks.lakeside.example/wc"\nsecret_file = "hook.secret"\n'
EMAIL = (
    '[lakeside.email]\nfrom = "wc@lakeside.example"\nto = ["nursing@lakeside.example"]\n'
    'server = "smtp.lakeside.example:587"\nuser = "wc"\npassword_file = "smtp.secret"\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("hook.secret", "smtp.secret"):
        (tmp_path / name).write_text(f"{SECRET}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    return tmp_path


def file_of(folder: Path, text: str) -> Path:
    file = folder / "messages.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_nobody_is_told() -> None:
    assert read_addresses(None) == {}


def test_a_district_may_have_both_ways(folder: Path) -> None:
    known = read_addresses(file_of(folder, WEBHOOK.replace("lakeside.webhook", "Lakeside.webhook") + EMAIL.lower()))
    assert set(known) == {"lakeside"}
    hook, mail = read_addresses(file_of(folder, WEBHOOK)), read_addresses(file_of(folder, EMAIL))
    assert hook["lakeside"].channels == {Channel.WEBHOOK}
    assert mail["lakeside"].channels == {Channel.EMAIL}
    webhook, mailbox = hook["lakeside"].webhook, mail["lakeside"].mailbox
    assert webhook is not None
    assert mailbox is not None
    assert webhook.secret == SECRET.encode()
    assert (mailbox.host, mailbox.port, mailbox.encrypted, mailbox.password) == (
        "smtp.lakeside.example",
        587,
        True,
        SECRET,
    )
    assert SECRET not in repr(known)


def test_a_carrier_is_made_for_each_way(folder: Path) -> None:
    known = read_addresses(file_of(folder, WEBHOOK + EMAIL))["lakeside"]
    assert known.channels == set(Channel)
    assert set(carriers_of(known, lambda: pytest.fail("no letter was carried"))) == set(Channel)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lakeside = 1\n", "[lakeside] must be a table"),
        ("[lakeside.fax]\n", "[lakeside] has fax"),
        (WEBHOOK.replace("https", "http"), "[lakeside.webhook] url must be https"),
        (WEBHOOK.replace("https://", "https://user:word@"), "without a name or password"),
        (WEBHOOK.replace("https://", "ftp://"), "[lakeside.webhook] url"),
        (WEBHOOK.replace("hook.secret", "none.secret"), "none.secret cannot be read"),
        (WEBHOOK + 'colour = "red"\n', "[lakeside.webhook] has colour"),
        (EMAIL.replace(":587", ""), "[lakeside.email] server must be HOST:PORT"),
        (EMAIL.replace('["nursing@lakeside.example"]', '"nursing@lakeside.example"'), "to must be a list"),
        (EMAIL.replace("nursing@", "nursing"), "to must be a list"),
        (EMAIL.replace("wc@lakeside.example", "wc@lakeside.example\\nBcc: x@y"), "from must be"),
        (EMAIL.replace('user = "wc"\n', ""), "belong together"),
        (EMAIL.replace('user = "wc"', 'user = "wç"'), "beyond ASCII"),
        (EMAIL.replace("smtp.lakeside", "smtp..lakeside"), "[lakeside.email] server must be HOST:PORT"),
        (EMAIL.replace(":587", ":70000"), "[lakeside.email] server must be HOST:PORT"),
        *(
            (EMAIL.replace('"nursing@lakeside.example"', f"'{wrong}'"), "to must be a list")
            for wrong in (
                "a@",
                "a@[",
                "a:b@c.example",
                "a@b..example",
                '"a b"@c.example',
                "@b.example",
                "(a)b@c.example",
            )
        ),
        (WEBHOOK.replace("hooks.lakeside", "hooks..lakeside"), "whose name can be none"),
        (WEBHOOK.replace("hooks.lakeside.example", "[x"), "[lakeside.webhook] url does not read"),
        (WEBHOOK.replace("lakeside.example", "lakeside.example:port"), "[lakeside.webhook] url does not read"),
        ("lakeside", "is no TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(folder: Path, text: str, said: str) -> None:
    with pytest.raises(AddressesWrong) as raised:
        read_addresses(file_of(folder, text))
    assert said in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_secret_that_others_can_read_or_guess_is_refused(folder: Path) -> None:
    (folder / "hook.secret").chmod(0o640)
    with pytest.raises(AddressesWrong, match="read by others"):
        read_addresses(file_of(folder, WEBHOOK))
    (folder / "hook.secret").chmod(0o600)
    (folder / "hook.secret").write_text("short", encoding="utf-8")
    with pytest.raises(AddressesWrong, match="at least 24"):
        read_addresses(file_of(folder, WEBHOOK))


def test_a_password_that_smtp_cannot_say_is_refused_and_not_shown(folder: Path) -> None:
    (folder / "smtp.secret").write_text(f"{SECRET} ü", encoding="utf-8")
    with pytest.raises(AddressesWrong, match="beyond ASCII") as raised:
        read_addresses(file_of(folder, EMAIL))
    assert SECRET not in str(raised.value)


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(AddressesWrong, match="WC_MESSAGES"):
        read_addresses(folder / "none.toml")


def test_this_machine_may_be_told_in_clear(folder: Path) -> None:
    text = WEBHOOK.replace("https://hooks.lakeside.example", "http://127.0.0.1:9000")
    assert read_addresses(file_of(folder, text))["lakeside"].channels == {Channel.WEBHOOK}
