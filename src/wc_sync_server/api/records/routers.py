"""Every part of the records API. Search and lists of the directory come first: their paths end in words, not ids."""

from fastapi import APIRouter

from wc_sync_server.api.records import (
    appointments,
    budget,
    charts,
    contacts,
    directory,
    documents,
    doses,
    follow_ups,
    health_records,
    incidents,
    inventory,
    orders,
    people,
    policies,
    purchase_orders,
    reminders,
    students,
    suppliers,
    vaccinations,
    waitlist,
)

ROUTERS: tuple[APIRouter, ...] = (
    people.router,
    directory.router,
    students.router,
    charts.router,
    contacts.router,
    orders.router,
    doses.router,
    incidents.router,
    follow_ups.router,
    reminders.router,
    waitlist.router,
    appointments.router,
    documents.router,
    health_records.router,
    vaccinations.router,
    inventory.router,
    budget.router,
    suppliers.router,
    purchase_orders.router,
    policies.router,
)
