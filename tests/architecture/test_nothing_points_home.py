"""The tree names no package registry and no folder of the machine it was written on."""

import re

import pytest
from tests.architecture.tree import text_files

# Written so that this file does not match itself.
REGISTRIES = re.compile(
    r"[p]ypi\.org|[p]ythonhosted\.org|[p]ypi\.python\.org|[n]pmjs\.(org|com)|[d]eb\.debian\.org"
    r"|[s]ecurity\.debian\.org|[a]rchive\.ubuntu\.com|[c]rates\.io|[p]roxy\.golang\.org|[a]naconda\.org",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(?:[w]ork/(?:main|shared|brief)|[r]oot/|[h]ome/\w|[U]sers/\w|[o]pt/(?:pypi|wheels)|\.[p]yenv)"
)


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATHS], ids=["registries", "machine paths"])
def test_no_file_names_one(pattern: "re.Pattern[str]") -> None:
    found = [
        f"{path}:{number}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found


def test_one_would_be_seen() -> None:
    assert REGISTRIES.search("index = https://" + "pypi" + ".org/simple")
    assert MACHINE_PATHS.search("see " + "/wor" + "k/shared/design")
    assert MACHINE_PATHS.search('path = "' + "/ho" + 'me/someone"')
