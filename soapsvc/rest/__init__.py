"""The REST edge: billing preview, Quickstart preview, runs, queries, reads, login; one file per operation in one frame.

`app.rest_application` is the one entry. This door only describes, so a command that prints a preview as JSON does not
load the server. From the top: `app`; `routes` (the table of operations); `frame` (the pipeline around every operation);
`operations` and `reads`; `previews` (request and answer of a preview as JSON) and `replays` (stored answers);
`http` (a request, its reply, and the failures). A room imports only the doors of the rooms below it.
"""
