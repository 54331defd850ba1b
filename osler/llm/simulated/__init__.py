"""A model that is not one: planted knowledge, set failings, seeded draws. A test instrument, in process and as a server."""

from osler.llm.simulated.planted import KeyTable, Planted
from osler.llm.simulated.profile import Profile, load_profiles, read_profile
from osler.llm.simulated.provider import Simulated

__all__ = ["KeyTable", "Planted", "Profile", "Simulated", "load_profiles", "read_profile"]
