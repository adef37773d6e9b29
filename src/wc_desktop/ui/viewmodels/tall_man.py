"""Look-alike drug names with the differing letters raised. For display only: never in codes, searches or entries.

The FDA's list of name differentiation, and the names of its kind that schools meet most.
"""

import re
from typing import Final

_TALL: Final = (  # noqa: SIM905  # read as the lists print them
    # The FDA's list.
    "acetaZOLAMIDE acetoHEXAMIDE buPROPion busPIRone chlorproMAZINE chlorproPAMIDE clomiPHENE clomiPRAMINE "
    "cycloSPORINE cycloSERINE DAUNOrubicin DOXOrubicin dimenhyDRINATE diphenhydrAMINE DOBUTamine DOPamine "
    "glipiZIDE glyBURIDE hydrALAZINE hydrOXYzine HYDROmorphone medroxyPROGESTERone methylPREDNISolone "
    "methylTESTOSTERone niCARdipine NIFEdipine prednisoLONE predniSONE risperiDONE rOPINIRole sulfADIAZINE "
    "sulfiSOXAZOLE TOLAZamide TOLBUTamide vinBLAStine vinCRIStine "
    # School medicines with twins of their own.
    "carBAMazepine OXcarbazepine clonazePAM LORazepam cloNIDine guanFACINE lamoTRIgine lamiVUDine levETIRAcetam "
    "levOCARNitine metFORMIN metroNIDAZOLE methylPHENIDATE FLUoxetine PARoxetine QUEtiapine OLANZapine "
    "sertraLINE SUMAtriptan traZODone valACYclovir"
).split()
_BY_NAME: Final = {name.casefold(): name for name in _TALL}
_WORD: Final = re.compile(r"[A-Za-z]+")


def tall_man(name: str) -> str:
    """Return the name with every look-alike word in it raised: 'Methylphenidate ER' is 'methylPHENIDATE ER'."""
    return _WORD.sub(_raised, name)


def _raised(found: re.Match[str]) -> str:
    return _BY_NAME.get(found.group().casefold(), found.group())
