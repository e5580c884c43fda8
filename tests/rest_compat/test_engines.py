from core.settings import Settings
from engines.studio.info import STUDIO_INFO
from tests.support.rest.client import Contract
from tests.support.users import Cast


async def test_the_list_contains_the_enabled_engines(rest: Contract, cast: Cast, settings: Settings) -> None:
    answer = await rest.call("engines", cast.ada)
    assert answer.json() == {
        "engines": [
            {
                "engine_key": "studio",
                "name": STUDIO_INFO.name,
                "description": STUDIO_INFO.description,
                "is_default": True,
                "max_duration_seconds": 600,
                "supports_vocals": False,
                "supports_lyrics": False,
                "supports_stems": True,
                "supports_focus": True,
                "supported_languages": [],
                "cost_chf_per_minute": float(settings.engines.cost_chf_per_minute["studio"]),
                "licence_class": "commercial_cleared",
                "licence_version": "2026-11",
                "commercial_use": True,
                "requires_attribution": False,
                "health": None,
                "queue": {
                    "queued_jobs": 0,
                    "running_jobs": 0,
                    "estimated_wait_seconds": 0.0,
                    "seconds_per_minute": None,
                },
            }
        ]
    }


async def test_every_member_sees_the_same_engines(rest: Contract, cast: Cast) -> None:
    bodies = [(await rest.call("engines", person)).json() for person in (cast.ada, cast.bea, cast.cid)]
    assert bodies == [bodies[0]] * 3
