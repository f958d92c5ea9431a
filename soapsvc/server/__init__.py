"""The one WSGI application, composed of the edges, and the HTTP server that runs it."""

from soapsvc.server.wsgi import Options, application

__all__ = ["Options", "application"]
