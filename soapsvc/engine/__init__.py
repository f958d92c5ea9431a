"""The shared preview engine: pure arithmetic over accounts, without I/O, clock, XML, JSON or SQL."""
