"""The hub's API, `/api/v1/`: what is public, as JSON, with the age of its source.

Start at `routes`. `operation` says what an operation is, `parameters` and `paging` what may be
asked, `shapes` and `judgement_shapes` what is answered; `units`, `resources`, `evidence`,
`judgements`, `changes` and `overview` answer. `openapi` writes the document from the same
operations, so that it cannot say anything else than what is done. `http` alone knows aiohttp.
"""
