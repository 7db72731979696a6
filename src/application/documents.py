"""Documents called for by the team, and the unit's answer (Art. 12(6), 25(2))."""

from application.acts import Work
from application.authority import holds, member, recorded_by_whom_may, serving
from domain import documents
from domain.documents import DOCUMENT_REQUESTS, AnswerDocumentRequest, RequestDocuments
from domain.rulebook.posts import UNIT_POSTS, Power


async def request_documents(work: Work, command: RequestDocuments) -> str:
    """Article 12(6)."""
    _, inspection, _ = await member(work, command.inspection, Power.ON_SITE)
    request = work.new("document-request")
    facts = documents.request(
        await work.look(DOCUMENT_REQUESTS, request),
        request,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        entered_on=inspection.entered_on,
        ended_on=inspection.ended_on,
        of_the_unit=await serving(work, inspection.unit, UNIT_POSTS, command.recipients),
    )
    work.write(request, facts)
    return request


async def answer_document_request(work: Work, command: AnswerDocumentRequest) -> str:
    """Articles 12(6), 25(2)."""
    await recorded_by_whom_may(work)
    request = await work.read(DOCUMENT_REQUESTS, command.request)
    await holds(work, "unit", body=request.unit)
    work.write(command.request, documents.answer(request, command, answered_by=work.act.doer))
    return command.request
