"""A source that cannot be read at all. What is wrong inside a readable one is a problem or a finding instead."""

from wc_contract.model.errors import Refused


class SourceRefused(Refused):
    """The folder, zip or file cannot be imported; the message is a sentence that says what to do."""

    code = "import_source_refused"


class CatalogueRefused(Refused):
    """The medication catalogue cannot be read."""

    code = "import_catalogue_refused"
