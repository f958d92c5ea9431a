"""The REST edge: billing preview, Quickstart preview, runs, queries, reads, login; one file per operation in one frame.

`app.rest_application` is the one entry. This door only describes, so that who prints a preview as JSON does not pay for
the server. From the top: `app`; `routes` (the table of operations); `frame` (what every operation stands in);
`operations` and `reads`; `previews` (a preview, asked for and answered as JSON) and `replays` (answers that are kept);
`http` (a request, its reply, and what can go wrong). A room imports only the doors of the rooms below it.
"""
