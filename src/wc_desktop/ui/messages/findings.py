"""A sentence for every finding of the rules (wc_contract.rules.findings.Code)."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_desktop.ui.messages.said import Said, sentence

_CONTEXT: Final = "Findings"

# Details arrive already put into words: times as 11:45, days as 3 Nov 2026, amounts with their units.
FINDINGS: Final[Mapping[str, Said]] = {
    "wrong_student": Said(
        title="Wrong child",
        plain="This order belongs to another child. Close this and choose the child again.",
    ),
    "wrong_medication": Said(
        title="Wrong medicine",
        plain="This order is for another medicine. Close this and choose the order again.",
    ),
    "order_unknown": Said(
        title="Order not here",
        plain="The order is not on this workstation. Check the chart; sync, or call the prescriber's office.",
    ),
    "version_unknown": Said(
        title="Order version unknown",
        plain="This version of the order is not on this workstation. Compare it with the paper order.",
    ),
    "slot_mismatch": Said(
        title="Wrong time slot",
        plain="The time on this entry does not belong to the order. Close this and choose the dose again.",
    ),
    "too_early": Said(
        title="Too early",
        plain="It is before the window of this dose. Wait, or give the reason for giving it now.",
        fuller="Too early: due at {due}, from {from} on. Wait, or give the reason for giving it now.",
    ),
    "early_needs_nurse": Said(
        title="Too early",
        plain="It is before the window of this dose. Only a nurse may decide to give it now.",
        fuller="Too early: the window opens at {from}. Only a nurse may decide to give it before.",
    ),
    "late": Said(
        title="Late",
        plain="The window of this dose is over. It will be recorded as late.",
        fuller="The window closed at {until}. It will be recorded as late.",
    ),
    "too_soon": Said(
        title="Too soon",
        plain="The last dose was too short a time ago. Wait, or give the reason for giving it now.",
        fuller="Last given at {last}; the next may be given from {earliest}. Wait, or give a reason.",
    ),
    "over_maximum": Said(
        title="Over the maximum",
        plain="The most doses allowed have been given. Call the prescriber, or give the reason for one more.",
        fuller="{given} of at most {maximum} doses were given in {period}. Call the prescriber, or give a reason.",
    ),
    "effect_check_due": Said(
        title="Check effect",
        plain="Check the effect 30 to 60 minutes after giving.",
        fuller="Check the effect between {from} and {to}.",
    ),
    "allergy_match": Said(
        title="Allergy",
        plain="A recorded allergy matches this drug. Do not give it without the prescriber's word; a reason is kept.",
    ),
    "not_checked": Said(
        title="Not checked",
        plain="Nothing was checked here: the record has no codes for it. Check by hand.",
        fuller="Not checked: {what}. Check by hand.",
    ),
    "duplicate_ingredient": Said(
        title="Same ingredient",
        plain="Another active order has the same ingredient. Check that both are meant.",
    ),
    "order_not_active": Said(
        title="Order not active",
        plain="The order is not active. Call the prescriber, or give the reason for giving it.",
        fuller="The order is {status}. Call the prescriber, or give the reason for giving it.",
    ),
    "order_not_verified": Said(
        title="Not verified",
        plain="No nurse has verified this order yet. Verify it first, or give a reason.",
    ),
    "order_not_started": Said(
        title="Not started",
        plain="The order has not begun yet. Wait, or give a reason.",
        fuller="The order begins on {start}. Wait, or give a reason.",
    ),
    "order_expired": Said(
        title="Order expired",
        plain="The prescriber's order has ended. Ask for a new one, or give the reason for giving it.",
        fuller="The prescriber's order ended on {ended}. Ask for a new one, or give a reason.",
    ),
    "no_prescriber_order": Said(
        title="No prescriber's order",
        plain="There is no written order from a prescriber. Ask for one, or give the reason for giving it.",
    ),
    "verbal_order_lapsed": Said(
        title="Verbal order lapsed",
        plain="The verbal order was not written in time. Ask for the written order, or give a reason.",
        fuller="The verbal order lapsed on {ended}. Ask for the written order, or give a reason.",
    ),
    "no_parent_authorisation": Said(
        title="No parent consent",
        plain="No parent's authorisation is on record. Call the parent, or give the reason for giving it.",
        fuller="The parent's authorisation begins on {start}. Call the parent, or give a reason.",
    ),
    "parent_authorisation_expired": Said(
        title="Parent consent expired",
        plain="The parent's authorisation has ended. Call the parent, or give the reason for giving it.",
        fuller="The parent's authorisation ended on {ended}. Call the parent, or give a reason.",
    ),
    "no_self_carry": Said(
        title="No self-carry",
        plain="This child has no permission to carry this medicine. Take note of how it came about.",
    ),
    "after_stop": Said(
        title="Order stopped",
        plain="The order was stopped. Do not give it; if it was given, say why: it will be reviewed.",
        fuller="The order was stopped at {stop}. Do not give it; if it was given, say why: it will be reviewed.",
    ),
    "after_withdrawal": Said(
        title="Child has left",
        plain="The child had left the district by then. Check the date, or give the reason for recording it.",
        fuller="The child's last day was {withdrawn}. Check the date, or give the reason for recording it.",
    ),
    "superseded_version": Said(
        title="Order changed",
        plain="The order has a newer version. Check drug, dose and time against it.",
        fuller="The order changed: version {in_force} is in force, version {shown} was shown. Check the dose.",
    ),
    "dose_differs": Said(
        title="Dose differs",
        plain="The amount is not the ordered one. Correct it, or say why.",
        fuller="Ordered: {ordered}. Entered: {given}. Correct it, or say why.",
    ),
    "dose_missing": Said(title="Amount missing", plain="Enter the amount that was given."),
    "partial_dose": Said(
        title="Part of the dose",
        plain="Less than the ordered amount was given. A nurse will look at it.",
        fuller="{given} of {ordered} was given. A nurse will look at it.",
    ),
    "possible_double_dose": Said(
        title="Possible double dose",
        plain="This dose has been given already. Do not give it again; if it was given twice, say so: it is reviewed.",
    ),
    "amended_twice": Said(
        title="Corrected twice",
        plain="This dose was corrected on two workstations. Both corrections are kept; a nurse chooses between them.",
    ),
    "emergency_card_used": Said(
        title="Emergency cards opened by code",
        plain="Somebody opened the emergency cards without a password. Ask who it was, and whether it was right.",
    ),
    "left_out": Said(
        title="Taken in part",
        plain="What happened is on record. Something else in the entry could not be taken; it is kept for a person.",
    ),
    "double_dose_unresolved": Said(
        title="Double dose in question",
        plain="An earlier dose of this medicine may have been given twice. Settle that first, or give a reason.",
    ),
    "slot_answered_twice": Said(
        title="Already answered",
        plain="This dose has an answer already. Say why there is a second one.",
        fuller="This dose already says: {status}. Say why there is a second answer.",
    ),
    "late_entry": Said(
        title="Late entry",
        plain="This is entered some time after it happened. Say why.",
        fuller="This is entered {minutes} minutes after it happened. Say why.",
    ),
    "late_entry_over_a_day": Said(
        title="Late entry",
        plain="This is entered more than a day after it happened. Say why; your supervisor is told.",
    ),
    "late_entry_over_limit": Said(
        title="Very late entry",
        plain="This is entered more than a week after it happened. Say why; a supervisor must look at it.",
    ),
    "future_time": Said(title="Time ahead", plain="The time lies ahead of now. Correct it."),
    "reason_missing": Said(title="Reason missing", plain="Choose or type a reason."),
    "clock_drift": Said(
        title="Clock differs",
        plain="This workstation's clock differs from the district's by more than two minutes. Tell your administrator.",
    ),
    "clock_suspect": Said(
        title="Clock wrong",
        plain="This workstation's clock is more than ten minutes off. The entry is marked; note the true time.",
    ),
    "other_devices_unseen": Said(
        title="Others not visible",
        plain="What other workstations gave is not visible now.",
        fuller="What other workstations gave since {since} is not visible.",
    ),
    "confirm_aloud": Said(
        title="Ask aloud",
        plain="Another workstation is in use here. Ask aloud whether this was given already.",
    ),
    "field_missing": Said(
        title="Not filled in",
        plain="Something is not filled in yet.",
        fuller="Not filled in yet: {field}.",
    ),
    "follow_up_before_event": Said(
        title="Follow-up too early",
        plain="The follow-up day lies before the event. Correct it.",
        fuller="The follow-up on {follow_up} lies before the event on {event}. Correct it.",
    ),
    "contact_before_event": Said(
        title="Contact before event",
        plain="A contact is timed before the event. Check both times.",
        fuller="A contact at {at} lies before the event. Check both times.",
    ),
    "error_type_missing": Said(title="Kind of error", plain="Choose what kind of medication error it was."),
    "error_type_not_applicable": Said(
        title="Kind of error",
        plain="A kind of medication error belongs to medication errors only. Clear it.",
    ),
    "ncc_merp_missing": Said(title="Harm category", plain="Choose how far the error went (NCC MERP, A to I)."),
    "ncc_merp_not_applicable": Said(
        title="Harm category",
        plain="A harm category belongs to medication errors only. Clear it.",
    ),
    "ncc_merp_unknown": Said(title="Harm category", plain="The harm category is one letter from A to I."),
    "omission_never_b": Said(
        title="Harm category",
        plain="A dose left out reaches the child, so it is never category B. Choose C or later.",
    ),
    "head_injury_checks_due": Said(
        title="Head injury checks",
        plain="Check the child now, after 15 and 30 minutes, and before leaving. The report is closed after that.",
    ),
    "age_out_of_range": Said(
        title="Birth date",
        plain="This birth date is not that of a school child. Correct it.",
        fuller="This birth date is not that of a school child ({youngest} to {oldest} years). Correct it.",
    ),
    "field_conflict": Said(
        title="Two versions",
        plain="Two people changed the same thing without knowing of each other. Both versions are kept; choose one.",
    ),
    "base_changed": Said(
        title="Changed meanwhile",
        plain="The record had changed before this change of it arrived. Both versions are kept; choose one.",
    ),
    "stock_negative": Said(
        title="Stock below zero",
        plain="More was taken out than was on record. Nothing was refused; count what is there.",
    ),
    "lot_expired": Said(
        title="Expired",
        plain="The medicine is past its expiry date. Use another container, or give the reason for going on.",
        fuller="The medicine expired on {expired}. Use another container, or give the reason for going on.",
    ),
    "lot_recalled": Said(
        title="Recalled",
        plain="The lot was recalled. Use another container, or give the reason for going on.",
    ),
    "lot_expires_soon": Said(
        title="Expires soon",
        plain="The medicine expires soon. Ask the family for a new one.",
        fuller="The medicine expires on {expires}. Ask the family for a new one.",
    ),
    "low_stock": Said(
        title="Low stock",
        plain="Few doses are left. Ask the family for more.",
        fuller="Doses left: {doses}. Ask the family for more.",
    ),
    "count_due": Said(
        title="Count due",
        plain="A count by two people is due: a week has passed, or a substitute had the keys.",
    ),
    "count_differs": Said(
        title="Count differs",
        plain="What two people counted is not what the record says. A supervisor looks at it and adjusts.",
    ),
    "counters_differ": Said(
        title="Two counts",
        plain="The two people did not find the same. Each counts again by themselves.",
    ),
    "witness_missing": Said(
        title="Witness needed",
        plain="This takes a second person, who types their own password.",
    ),
    "witness_pending": Said(
        title="Witness pending",
        plain="Waste was set aside without a witness. Have a second person see it within 24 hours.",
        fuller="Waste was set aside without a witness: {since}. Have a second person see it within 24 hours.",
    ),
    "witness_overdue": Said(
        title="Witness overdue",
        plain="Waste has waited for its witness for 24 hours. Have a second person see it now.",
        fuller="Waste has waited for its witness since {since}. Have a second person see it now.",
    ),
    "left_before_arrival": Said(
        title="Left before arriving", plain="The child left before it came. Correct one of the two times."
    ),
    "measure_unreadable": Said(
        title="Measure does not read",
        plain="A measure does not read, or cannot be. Measure again, or correct it.",
    ),
    "measure_unusual": Said(
        title="Unusual measure",
        plain="A measure is unusual. Check it, and measure again if in doubt.",
        fuller="Unusual: {field}. Check it, and measure again if in doubt.",
    ),
    "answers_differ": Said(
        title="Two answers",
        plain="Two people answered this case differently. Both answers are kept; look at it together.",
    ),
    "case_grew": Said(
        title="More came in",
        plain="Another entry joined this case after it was answered. Look at all of them and answer again.",
    ),
    "not_entitled": Said(
        title="Not yours to answer",
        plain="You wrote one of these entries, or your role does not decide this. Another nurse or a supervisor does.",
    ),
    "answer_does_not_fit": Said(
        title="Answer does not fit",
        plain="This answer does not belong to this kind of case. Choose one of those that are offered.",
    ),
    "npi_invalid": Said(title="NPI", plain="This is no valid National Provider Identifier. Check the ten digits."),
}


# What only the server finds (wc_sync_server.domain.acceptance).
FROM_THE_SERVER: Final[Mapping[str, Said]] = {
    "unauthorised_period": Said(
        title="Not authorised then",
        plain="The permission of this workstation or of this person had ended or run out. It is kept; a supervisor "
        "looks at it.",
    ),
    "out_of_assignment": Said(
        title="Not assigned then",
        plain="Who wrote this was not assigned to this school on that day. A supervisor looks at it.",
    ),
    "student_moved": Said(
        title="Child moved",
        plain="The child had moved to another school. The entry was sent on; the other school sees it.",
    ),
    "late_from_previous_school": Said(
        title="From the school before",
        plain="It was recorded at the school that the child had left. The nurse who has the child now looks at it.",
    ),
    "chart_merged": Said(
        title="Recorded in a second chart",
        plain="The child had two charts, and this was recorded in the other one. It stands in the child's own chart.",
    ),
    "merged_charts": Said(
        title="Two charts made one",
        plain="Two charts were of one child and are one now. Look over allergies, orders and doses of both.",
    ),
    "charts_parted": Said(
        title="Made two charts again",
        plain="A chart that was merged is its own again. Look at what was recorded meanwhile: whose is it?",
    ),
}


def finding_sentence(code: str, details: Mapping[str, str] | None = None) -> str:
    """Return what the finding means and what to do. An unknown code, from a newer server, is named."""
    said = FINDINGS.get(code) or FROM_THE_SERVER.get(code)
    if said is None:
        words = QCoreApplication.translate(_CONTEXT, 'Reported as "{code}". Ask your supervisor what it means.')
        return words.format(code=code)
    return sentence(_CONTEXT, said, details or {})


def finding_title(code: str) -> str:
    """Return two or three words for a chip."""
    said = FINDINGS.get(code) or FROM_THE_SERVER.get(code)
    return QCoreApplication.translate(_CONTEXT, said.title) if said else code.replace("_", " ")
