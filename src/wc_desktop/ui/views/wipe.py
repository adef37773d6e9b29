"""The screen of a workstation that is erased: what happens, what to do, and at the end that it can be handed over."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.ids import UserId
from wc_desktop.domain.wiping import WipePhase
from wc_desktop.ui.messages.wiping import ended_words, step_words
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.viewmodels.wipe import WipeModel
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.views.person_gate import PersonGate
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_TONES = {WipePhase.HELD: Tone.WARNING, WipePhase.UNDELIVERED: Tone.WARNING, WipePhase.KEPT: Tone.OK}


class WipePage(PersonGate):
    """Names of staff are shown only where one of them can help."""

    enrol_wanted = Signal()

    def __init__(
        self,
        model: WipeModel,
        face: StationFace,
        *,
        notices: tuple[Notice, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(face, notices, width=440, parent=parent)
        self.model = model
        self._said = ""
        self.ended = TextLabel("", LabelStyle.BODY, self)
        self.step = AlertBanner(Tone.INFO, "", self)
        self.fault = AlertBanner(Tone.DANGER, "", self)
        self.send = PrimaryButton(self.tr("&Send what is left"), self, icon=Icon.CLOUD_UPLOAD)
        self.anew = SecondaryButton(self.tr("&Enrol this computer anew"), self, icon=Icon.PLUS)
        for part in (self.ended, self.step, self.who, self.password, self.fault, self.send, self.anew):
            self.card.body.addWidget(part)
        if self._people:
            self.who.choose(next(iter(self._people)))
        self.send.clicked.connect(self._on_send)
        self.password.submitted.connect(self._on_send)
        self.anew.clicked.connect(self.enrol_wanted)
        model.changed.connect(self._on_changed)
        self._on_changed()

    def help_words(self) -> str:
        return self.tr(
            "The district has asked for this workstation to be erased. What was written here and not yet sent goes to "
            "the server first; this screen says what is still to be done."
        )

    @Slot()
    def _on_send(self) -> None:
        person = self._people.get(self.who.key or "")
        if person is None or not self.password.secret:
            self.password.setFocus()
            return
        self.model.help(UserId(person.id), self.password.secret)
        self.password.clear()

    @Slot()
    def _on_changed(self) -> None:
        model, news = self.model, self.model.news
        said = step_words(news)
        self.ended.setText(self.tr("This workstation was erased.") if _is_erased(news.phase) else ended_words(news))
        self.step.set_alert(_TONES.get(news.phase, Tone.INFO), said)
        for part in (self.who, self.password, self.send):
            part.setVisible(model.wants_password and bool(self._people))
            part.setEnabled(not model.busy)
        self.send.setText(self.tr("Sending…") if model.busy else self.tr("&Send what is left"))
        self.fault.set_alert(Tone.DANGER, model.fault)
        self.fault.setVisible(bool(model.fault))
        self.anew.setVisible(news.phase is WipePhase.KEPT)
        if said != self._said:
            self._said = said
            announce(self, said, urgent=news.phase in _TONES)


def _is_erased(phase: WipePhase) -> bool:
    return phase in {WipePhase.UNDELIVERED, WipePhase.KEPT}
