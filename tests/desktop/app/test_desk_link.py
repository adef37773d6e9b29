"""What the threads of an unlocked desk work with is made on the thread of the window: it touches no keystore."""

import pytest
from tests.desktop.clinic import Clinic

from wc_desktop.domain.failures import KeystoreChanged


def test_the_keystore_is_asked_when_the_server_is_greeted_and_not_before(clinic: Clinic) -> None:
    desk = clinic.opened()
    # A keystore that does not give: one that takes its time would be asked at the same moment.
    (clinic.folder.parent / "keystore.json").unlink()
    link = clinic.parts.link_of(desk)
    with pytest.raises(KeystoreChanged):
        link.files.hello()
    desk.close()
