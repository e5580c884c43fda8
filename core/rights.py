"""Declarations of rights to audio that users upload, and what they permit for tracks that are made from it."""

from enum import StrEnum


class RightsBasis(StrEnum):
    """Why a user may use a recording."""

    OWN_WORK = "own_work"  # the user holds the rights to the music and to the recording
    LICENSED = "licensed"  # a licence or a permission of the holder of the rights
    PUBLIC_DOMAIN = "public_domain"  # neither the music nor the recording is protected
