"""The HTTP application, from what it is given: nothing here knows which store runs or where the city's files are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler, LifeSpanReceive, LifeSpanScope, Receive, Scope

import madang
from madang.account.ledger import Account
from madang.account.mandates import Mandates
from madang.api import (
    attribute_types,
    attributes,
    batch,
    catalogue,
    city,
    ckan,
    consents,
    decisions,
    docs,
    entities,
    events,
    features,
    headers,
    health,
    identity,
    instances,
    jsonld_contexts,
    ledger,
    metrics,
    objections,
    open311,
    outbox,
    problem,
    purge,
    quick,
    receipts,
    registers,
    registration_subscriptions,
    registrations,
    resolutions,
    subjects,
    subscriptions,
    temporal,
    types,
)
from madang.api.contexts import Contexts
from madang.api.rooms import Known, Rooms, nobody
from madang.clock import Clock, WallClock
from madang.hub import Hub
from madang.model.city import City
from madang.model.world import Hello

_HANDLERS: Final[Sequence[ControllerRouterHandler]] = (
    entities.create_entity,
    entities.query_entities,
    entities.retrieve_entity,
    entities.merge_entity,
    entities.replace_entity,
    entities.delete_entity,
    entities.nameless_entity,
    purge.purge_entities,
    attributes.append_attributes,
    attributes.update_attributes,
    attributes.update_attribute,
    attributes.replace_attribute,
    attributes.delete_attribute,
    batch.create_entities,
    batch.upsert_entities,
    batch.update_entities,
    batch.merge_entities,
    batch.delete_entities,
    batch.query_by_post,
    temporal.append_past,
    temporal.query_past,
    temporal.query_past_by_post,
    temporal.retrieve_past,
    temporal.delete_past,
    instances.add_instances,
    instances.delete_attribute_past,
    instances.modify_instance,
    instances.delete_instance,
    types.list_types,
    types.retrieve_type,
    attribute_types.list_attributes,
    attribute_types.describe_attribute,
    subscriptions.create_subscription,
    subscriptions.query_subscriptions,
    subscriptions.retrieve_subscription,
    subscriptions.update_subscription,
    subscriptions.delete_subscription,
    outbox.account,
    outbox.dead_letters,
    outbox.resend,
    registration_subscriptions.create_registration_subscription,
    registration_subscriptions.query_registration_subscriptions,
    registration_subscriptions.retrieve_registration_subscription,
    registration_subscriptions.update_registration_subscription,
    registration_subscriptions.delete_registration_subscription,
    jsonld_contexts.add_context,
    jsonld_contexts.list_contexts,
    jsonld_contexts.serve_context,
    jsonld_contexts.delete_context,
    identity.source_identity,
    open311.overview,
    open311.service,
    open311.one_request,
    open311.token,
    open311.file_request,
    open311.handle_request,
    catalogue.dcat,
    catalogue.dcat_json,
    catalogue.dcat_turtle,
    catalogue.download,
    ckan.action,
    ckan.post_action,
    ckan.short_action,
    ckan.post_short_action,
    ckan.dump,
    features.landing,
    features.conformance,
    features.definition,
    features.collections,
    features.collection,
    features.items,
    features.item,
    consents.tell_notice,
    consents.give_consent,
    consents.list_consents,
    consents.withdraw_consent,
    subjects.held_data,
    subjects.ask_request,
    subjects.list_requests,
    subjects.answer_request,
    registrations.create_registration,
    registrations.query_registrations,
    registrations.retrieve_registration,
    registrations.update_registration,
    registrations.delete_registration,
    events.live_events,
    decisions.list_decisions,
    decisions.retrieve_decision,
    resolutions.list_committees,
    resolutions.list_mandates,
    resolutions.list_resolutions,
    resolutions.pass_resolution,
    resolutions.override_decision,
    resolutions.list_overrides,
    objections.object_to_decision,
    objections.list_objections_to,
    objections.list_objections,
    objections.answer_objection,
    objections.tell_contact,
    objections.erase_objection,
    receipts.retrieve_receipt,
    registers.register_of_services,
    registers.register_of_datasets,
    ledger.ledger_key,
    ledger.ledger_head,
    ledger.ledger_proof,
    ledger.ledger_consistency,
    ledger.ledger_entries,
    ledger.ledger_export,
    health.health,
    metrics.metrics,
    city.city,
    city.streets,
    docs.document,
    docs.viewer,
    docs.start,
)


class Application(Litestar):
    """Litestar, with what has to happen outside of its routing: also the answer to an unknown address is guarded."""

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Any) -> None:
        if scope["type"] == "http":
            headers.keep_slashes(scope)
            if scope["method"] == "HEAD":
                # The server drops the body of an answer to HEAD; a stream would have no end.
                scope = {**scope, "method": "GET" if scope["path"] != events.PATH else "HEAD"}
            if scope["path"].startswith(quick.PREFIX):
                operations: quick.Quick = self.state["quick"]
                found = operations.find(scope)
                if found is not None:
                    return await operations.answer(scope, receive, send, app=self, found=found)
            send = headers.guarded(send, scope["path"])
        await super().__call__(scope, receive, send)


def build(
    *,
    hub: Hub,
    account: Account,
    city: City,
    status: Callable[[], Mapping[str, Any]],
    world: Callable[[], Hello | None] = lambda: None,
    attribution: str = "",
    page: Sequence[ControllerRouterHandler] = (),
    body_limit: int = 10_000_000,
    private_contexts: bool = False,
    loopback_contexts: bool = False,
    known: Known = nobody,
    home: bool = True,
    mandates: Mandates | None = None,
    clock: Clock | None = None,
) -> Litestar:
    """The application: NGSI-LD, live events, decisions, health, the city, its documentation, and the `page`'s routes.

    `status` answers ``{"ready": bool, "parts": {name: {"status", "since"}}}`` and is asked at each ``GET /health``.
    `mandates` are people's acts as the services' runners see them, `clock` tells the city's time (default: the wall's).
    `world` gives what the world said of itself, None until it has. `body_limit` is bytes. `known` answers whom a key
    stands for; `home`: without one, who asks from this machine is the operator. Hub and store stay the caller's to
    close.
    """
    rooms = Rooms(
        hub=hub,
        account=account,
        contexts=Contexts(private=private_contexts, loopback=loopback_contexts, kept=lambda: hub.contexts),
        city=city,
        world=world,
        status=status,
        attribution=attribution,
        known=known,
        home=home,
        mandates=mandates or Mandates(account),
        clock=clock or WallClock(),
    )
    return Application(
        route_handlers=[*_HANDLERS, *page],
        state=State({"rooms": rooms, "quick": quick.Quick(_HANDLERS, rooms.requests, limit=body_limit)}),
        exception_handlers=problem.HANDLERS,
        openapi_config=docs.config(madang.__version__),
        request_max_body_size=body_limit,
        logging_config=None,
        on_app_init=[_quiet],
    )


def _quiet(config: AppConfig) -> AppConfig:
    """Errors are logged once, in `api/problem`, whatever the mode."""
    config.debug = False
    return config
