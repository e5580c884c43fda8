"""The licence of a track in responses."""

from typing_extensions import TypedDict

from rest_compat.models import fields
from storage.tables import Track


class Licence(TypedDict):
    """A licence as it was when the track was created."""

    licence_class: fields.LicenceClassField
    licence_version: fields.LicenceVersion
    commercial_use: fields.CommercialUse
    requires_attribution: fields.RequiresAttribution


def licence(row: Track) -> Licence:
    return {
        "licence_class": row.licence_class,
        "licence_version": row.licence_version,
        "commercial_use": row.commercial_use,
        "requires_attribution": row.requires_attribution,
    }
