"""The HTTP application, from what it is given: nothing here knows which store runs or where the city's files are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler, LifeSpanReceive, LifeSpanScope, Receive, Scope

import madang
from madang.account.budgets import Budgets
from madang.account.ledger import Account
from madang.account.mandates import Mandates
from madang.api import (
    about,
    accounts,
    apology,
    appraisals,
    attribute_types,
    attributes,
    batch,
    catalogue,
    city,
    ckan,
    coding,
    consents,
    decisions,
    desk,
    developers,
    docket,
    docs,
    entities,
    entry,
    events,
    features,
    followers,
    headers,
    health,
    identity,
    instances,
    jsonld_contexts,
    ledger,
    metrics,
    mine,
    motions,
    objections,
    open311,
    outbox,
    outcomes,
    photos,
    problem,
    proposals,
    purge,
    quick,
    reach,
    realtime,
    receipts,
    registers,
    registration_subscriptions,
    registrations,
    reports,
    resolutions,
    sensed,
    sessions,
    statistics,
    subjects,
    subscriptions,
    temporal,
    types,
    what_if,
)
from madang.api import releases as data_releases
from madang.api.contexts import Contexts
from madang.api.door import INSIDE, Door
from madang.api.limits import Limits
from madang.api.outside import Outside
from madang.api.rooms import Known, NoProjects, Projects, Rooms, closed, nobody
from madang.api.twins import Twins, wants_page
from madang.clock import Clock, WallClock
from madang.govern.developing import Developers
from madang.govern.identity import Entrance
from madang.hub import Hub
from madang.model.city import City
from madang.model.world import Hello
from madang.publish.releases import Releases

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
    sessions.who,
    sessions.sign_in,
    sessions.sign_out,
    sessions.begin,
    sessions.change_password,
    *reports.HANDLERS,
    *desk.HANDLERS,
    *photos.HANDLERS,
    *reach.HANDLERS,
    *mine.HANDLERS,
    *sensed.HANDLERS,
    entry.enter,
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
    about.about_dataset,
    statistics.ask_statistic,
    statistics.tell_budget,
    data_releases.list_releases,
    data_releases.releases_feed,
    data_releases.list_releases_of,
    data_releases.make_release,
    data_releases.retrieve_release,
    data_releases.download_release,
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
    features.queryables,
    features.items,
    features.item,
    realtime.gtfs_realtime,
    consents.tell_notice,
    consents.give_consent,
    consents.list_consents,
    consents.retrieve_consent,
    consents.consent_receipt,
    consents.withdraw_consent,
    subjects.held_data,
    subjects.data_uses,
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
    what_if.suppose,
    what_if.expected,
    resolutions.list_committees,
    resolutions.list_mandates,
    resolutions.list_resolutions,
    docket.retrieve_committee,
    docket.committee_minutes,
    docket.committee_minutes_csv,
    motions.table_motion,
    motions.retrieve_motion,
    motions.cast_vote,
    resolutions.pass_resolution,
    resolutions.override_decision,
    resolutions.list_overrides,
    objections.object_to_decision,
    objections.list_objections_to,
    objections.list_objections,
    objections.answer_objection,
    objections.tell_contact,
    objections.erase_objection,
    proposals.list_proposals,
    proposals.proposals_feed,
    proposals.propose,
    proposals.retrieve_proposal,
    proposals.check_evidence,
    proposals.support_proposal,
    proposals.withdraw_support,
    proposals.answer_proposal,
    proposals.close_proposal,
    proposals.make_links,
    proposals.erase_proposal,
    *followers.HANDLERS,
    outcomes.count_outcomes,
    receipts.retrieve_receipt,
    registers.register_of_services,
    appraisals.list_projects,
    appraisals.try_project,
    appraisals.retrieve_project,
    appraisals.move_project,
    registers.register_of_datasets,
    accounts.register_of_accesses,
    accounts.register_of_transfers,
    accounts.register_of_releases,
    accounts.register_of_breaches,
    accounts.report_breach,
    ledger.ledger_key,
    ledger.ledger_head,
    ledger.ledger_proof,
    ledger.ledger_consistency,
    ledger.ledger_entries,
    ledger.ledger_export,
    developers.make_key,
    developers.use_of_key,
    developers.end_key,
    developers.llms,
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

    door: Door | None = None

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Any) -> None:
        if scope["type"] == "http":
            headers.keep_slashes(scope)
            if headers.asks_first(scope):
                return await headers.permit(send)
            if scope["method"] == "HEAD":
                # The server drops the body of an answer to HEAD; a stream would have no end.
                scope = {**scope, "method": "GET" if scope["path"] != events.PATH else "HEAD"}
            if self.door is not None and await self.door.refuses(scope, receive, send, self):
                return None
            if scope["path"].startswith(quick.PREFIX):
                operations: quick.Quick = self.state["quick"]
                found = operations.find(scope)
                if found is not None:
                    if INSIDE not in scope and coding.accepts(scope["headers"]):
                        send = coding.Coder(self.state["coding"], scope, send).send
                    return await operations.answer(scope, receive, send, app=self, found=found)
            if INSIDE not in scope:
                send = coding.Coder(self.state["coding"], scope, send).send
            twins: Twins = self.state["twins"]
            send = headers.guarded(twins.told(scope, send), scope)
            if wants_page(scope):
                send = apology.Apology(scope, receive, send, super().__call__).send
            scope = twins.choose(scope)
        await super().__call__(scope, receive, send)


def build(
    *,
    hub: Hub,
    account: Account,
    city: City,
    status: Callable[[], Mapping[str, Any]],
    world: Callable[[], Hello | None] = lambda: None,
    attribution: str = "",
    outside: Outside | None = None,
    door: Door | None = None,
    page: Sequence[ControllerRouterHandler] = (),
    body_limit: int = 10_000_000,
    contexts: Contexts | None = None,
    known: Known = nobody,
    home: bool = True,
    entrance: Entrance | None = None,
    mandates: Mandates | None = None,
    clock: Clock | None = None,
    projects: Projects | None = None,
    releases: Releases | None = None,
    budgets: Budgets | None = None,
    developers: Developers | None = None,
) -> Litestar:
    """The application: NGSI-LD, live events, decisions, health, the city, its documentation, and the `page`'s routes.

    `status` answers ``{"ready": bool, "parts": {name: {"status", "since"}}}``, `world` None until it spoke. `known`
    answers whom a key stands for; `home`: without one, a program that asks from this machine is the operator; `door` is
    what requests pass first; `body_limit` is bytes. Hub and store stay the caller's to close.
    """
    rooms = Rooms(
        hub=hub,
        account=account,
        contexts=contexts or Contexts(kept=lambda: hub.contexts),
        city=city,
        world=world,
        status=status,
        attribution=attribution,
        outside=outside or Outside(),
        limits=Limits(door.proxies if door else ()),
        known=known,
        home=home,
        entrance=entrance or closed(),
        mandates=mandates or Mandates(account),
        clock=clock or WallClock(),
        projects=projects or NoProjects(),
        releases=releases,
        budgets=budgets or Budgets(account),
        developers=developers,
    )
    return _application(rooms, page, body_limit, door or Door())


def _application(rooms: Rooms, page: Sequence[ControllerRouterHandler], body_limit: int, door: Door) -> Application:
    made = Application(
        route_handlers=[*_HANDLERS, *page],
        state=State(
            {
                "rooms": rooms,
                "quick": quick.Quick(_HANDLERS, rooms.requests, limit=body_limit),
                "coding": coding.Coding(),
                "twins": Twins([path for one in page for path in getattr(one, "paths", ())]),
            }
        ),
        exception_handlers=problem.HANDLERS,
        openapi_config=docs.config(madang.__version__),
        request_max_body_size=body_limit,
        logging_config=None,
        on_shutdown=[rooms.supposing.close],
        on_app_init=[_quiet],
    )
    if not door.is_open:
        made.door = door
    return made


def _quiet(config: AppConfig) -> AppConfig:
    """Errors are logged once, in `api/problem`, whatever the mode."""
    config.debug = False
    return config
