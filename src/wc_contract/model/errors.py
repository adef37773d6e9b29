"""Three families of errors, by who can act."""


class WhiteCrossError(Exception):
    """Base of every error this product raises on purpose. Messages carry ids and codes, never health text."""

    code = "white_cross"


class Refused(WhiteCrossError):
    """A rule or a right said no: the person in front of the screen acts."""

    code = "refused"


class Unavailable(WhiteCrossError):
    """The world said no (network, disk, a busy server): trying again later may work."""

    code = "unavailable"


class Defect(WhiteCrossError):
    """Our own mistake: record it and stop."""

    code = "defect"
