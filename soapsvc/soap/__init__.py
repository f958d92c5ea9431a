"""The SOAP edge: guard -> Spyne -> writer, one WSGI application for every version of the contract."""
