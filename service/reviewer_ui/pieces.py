"""Pages of pieces: languages and channels side by side, comments, and the comparison of versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from flask import Response, redirect, request, url_for

from journeys.content.rendering import Channel, render_rendering
from journeys.content.templates import renderings
from journeys.definition.graph import reachable_leaves
from journeys.primitives.errors import Refused
from journeys.review.checklist import checklist
from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.platform.page_frame import policy_of_sent
from service.platform.problems import STATUS
from service.publishing import comments, review
from service.publishing.approvals import functions_to_sign, may_reject
from service.publishing.review import OpenPiece
from service.publishing.store.comments import Comment
from service.reviewer_ui.blueprint import NAME, blueprint, page
from service.reviewer_ui.preview_page import CommentOnVersion, PiecePreview, changes_between, language_of, previews_of
from service.reviewer_ui.signatures import MEANINGS, statuses_of
from service.staff_pages import session
from service.staff_pages.room import own_address

_PIECE = "/journeys/<id:journey>/releases/<int(max=1000000):number>/pieces/<id:key>"
_VERSION = f"{_PIECE}/versions/<int(max=1000000):version>"
POLICY_OF_SENT = policy_of_sent(frame_ancestors="none")


@blueprint.route(_VERSION)
def piece(journey: str, number: int, key: str, version: int) -> Response:
    """Return the page of a version of a piece."""
    return _page(review.open_piece(service(), journey, number, key, version))


@blueprint.route(f"{_VERSION}/comments", methods=["POST"])
def comment(journey: str, number: int, key: str, version: int) -> Response:
    """Store a comment on a sentence."""
    opened = review.open_piece(service(), journey, number, key, version)
    form = request.form
    try:
        stored_comment = comments.comment(
            service(),
            session().account,
            opened,
            locale=form.get("locale", ""),
            sentence=form.get("sentence", ""),
            text=form.get("text", ""),
        )
    except Refused as refused:
        return _page(opened, STATUS[refused.code], refused.fields)
    return _back_to(opened, stored_comment)


@blueprint.route(f"{_VERSION}/comments/<id:comment>", methods=["POST"])
def comment_step(journey: str, number: int, key: str, version: int, comment: str) -> Response:
    """Answer a comment, resolve it or open it again."""
    opened = review.open_piece(service(), journey, number, key, version)
    kind, text = request.form.get("step", ""), request.form.get("text", "")
    return _back_to(opened, comments.add_step(service(), session().account, opened, comment, kind=kind, text=text))


@blueprint.route(f"{_VERSION}/as-sent/<id:locale>")
def as_sent(journey: str, number: int, key: str, version: int, locale: str) -> Response:
    """Return the e-mail of a piece as it is sent, or with `?channel=web` the HTML that an app receives."""
    opened = review.open_piece(service(), journey, number, key, version)
    if locale not in opened.piece.texts:
        raise errors.NotFound
    variants = renderings(opened.piece.texts[locale].body, opened.release.plan)
    index = request.args.get("variant", 0, type=int)
    if not 0 <= index < len(variants):
        raise errors.NotFound
    channel: Channel = "web" if request.args.get("channel") == "web" else "email"
    rendered = render_rendering(opened.piece, variants[index], locale=locale, channel=channel)
    response = Response(rendered.html or "", mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY_OF_SENT
    return response


@blueprint.route(f"{_VERSION}/picture")
def picture(journey: str, number: int, key: str, version: int) -> Response:
    """Return the picture of a piece."""
    image = review.open_piece(service(), journey, number, key, version).piece.image
    if image is None:
        raise errors.NotFound
    response = Response(image.data, mimetype=image.media_type)
    response.headers["Content-Security-Policy"] = POLICY_OF_SENT
    return response


@blueprint.route(f"{_PIECE}/compare")
def compare(journey: str, number: int, key: str) -> Response:
    """Return the page that compares two versions of a piece."""
    new = review.open_piece(service(), journey, number, key, request.args.get("to", type=int))
    old_number = request.args.get("from", type=int) or max(
        (earlier for earlier in new.versions if earlier < new.number), default=None
    )
    old = review.open_piece(service(), journey, number, key, old_number) if old_number is not None else None
    changes = [
        (
            locale,
            language_of(locale),
            changes_between(old.piece if old is not None else None, new.piece, new.release, locale),
        )
        for locale in new.release.plan.journey.locales
    ]
    return page("compare", new=new, old=old, changes=changes, title=_title(new))


def previews_of_version(opened: OpenPiece) -> list[PiecePreview]:
    """Return a version of a piece in each language, with the comments on all versions."""
    plan = opened.release.plan
    reachable = service().library.compiled.leaves.get(plan.id, lambda: reachable_leaves(plan.journey))
    return previews_of(opened.piece, opened.release, _comments_on(opened), reachable)


def _comments_on(opened: OpenPiece) -> Iterator[CommentOnVersion]:
    numbers = {version: number for number, version in opened.versions.items()}
    current = opened.digests.get(opened.piece.version, {})
    for comment in opened.comments:
        signed_then = opened.digests.get(comment.version, {}).get(comment.locale)
        yield CommentOnVersion(
            comment,
            numbers.get(comment.version),
            is_of_this_version=comment.version == opened.piece.version,
            is_unchanged=signed_then is not None and signed_then == current.get(comment.locale),
        )


def _page(opened: OpenPiece, status: int = 200, problems: dict[str, list[str]] | None = None) -> Response:
    standing = {
        status.subject.locale: status
        for status in statuses_of(opened.release.stored.journey)
        if status.subject.kind == "piece"
        and (status.subject.key, status.version) == (opened.piece.key, opened.piece.version)
    }
    return page(
        "piece",
        status,
        opened=opened,
        release=opened.release,
        piece=opened.piece,
        title=_title(opened),
        standing=standing,
        may_sign={locale: functions_to_sign(session().account, status) for locale, status in standing.items()},
        may_reject={locale: may_reject(session().account, status) for locale, status in standing.items()},
        meanings=MEANINGS,
        checklists={locale: checklist(locale).about(opened.piece) for locale in standing},
        signing=session(),
        is_confirmed=accounts.is_confirmed(service(), session()),
        looks=previews_of_version(opened),
        problems=problems or {},
        form=request.form,
        newest=max(opened.versions),
    )


def _title(opened: OpenPiece) -> str:
    return opened.piece.texts[opened.release.plan.journey.locales[0]].title


def _back_to(opened: OpenPiece, comment: Comment) -> Response:
    """Return to a comment, on the page that the form was on."""
    stored, anchor = opened.release.stored, f"comment-{comment.id}"
    if "back" in request.form:
        back = own_address(request.form["back"]) or url_for(f"{NAME}.start")
        return cast(Response, redirect(f"{back}#{anchor}", 303))
    key, version = opened.piece.key, opened.number
    here = url_for(f"{NAME}.piece", journey=stored.journey, number=stored.number, key=key, version=version)
    return cast(Response, redirect(f"{here}#{anchor}", 303))
