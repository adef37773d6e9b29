"""The pages of the rail, in order. A new screen is one line here."""

from PySide6.QtCore import QCoreApplication

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.views.incidents import IncidentsPage
from wc_desktop.ui.views.inventory import InventoryPage
from wc_desktop.ui.views.med_pass import MedPassPage
from wc_desktop.ui.views.page import PageSpec
from wc_desktop.ui.views.review import ReviewPage
from wc_desktop.ui.views.students import StudentsPage
from wc_desktop.ui.views.sync import SyncPage
from wc_desktop.ui.views.visits import VisitsPage


def page_specs() -> tuple[PageSpec, ...]:
    """Return what the rail leads to."""
    tr = QCoreApplication.translate
    return (
        PageSpec(key="med_pass", title=tr("Rail", "Med pass"), icon=Icon.PILL, make=MedPassPage),
        PageSpec(key="students", title=tr("Rail", "Students"), icon=Icon.USERS, make=StudentsPage),
        PageSpec(key="incidents", title=tr("Rail", "Incidents"), icon=Icon.CLIPBOARD_LIST, make=IncidentsPage),
        PageSpec(key="visits", title=tr("Rail", "Visits"), icon=Icon.STETHOSCOPE, make=VisitsPage),
        PageSpec(key="inventory", title=tr("Rail", "Inventory"), icon=Icon.PACKAGE, make=InventoryPage),
        PageSpec(key="review", title=tr("Rail", "Review"), icon=Icon.SCALE, make=ReviewPage),
        PageSpec(key="sync", title=tr("Rail", "Sync"), icon=Icon.REFRESH_CW, make=SyncPage),
    )
