"""The operations of the REST surfaces, one in a module; `soapsvc.rest.routes` says where each is."""
