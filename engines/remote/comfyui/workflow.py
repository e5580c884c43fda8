"""The operator's workflow in ComfyUI's API format, with slots for the fields of a request."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from engines.capabilities import APPROXIMATED, Capabilities, Capability, Support
from engines.port import RenderRequest
from engines.remote import templates

SLOTS: Final = ("prompt", "negative_prompt", "lyrics", "language", "seconds", "bpm", "key", "metre", "beats", "seed")
"""The slots that a workflow can have; ``beats`` is the numerator of the metre, "3" of "3/4"."""

MODEL_INPUTS: Final = ("ckpt_name", "unet_name", "model_name", "diffusion_model")
LORA_INPUT: Final = "lora_name"

Graph = dict[str, Any]
"""Nodes by id, each with its class and inputs."""


@dataclass(frozen=True, slots=True)
class Place:
    """An input of a node."""

    node: str
    name: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow with the inputs that each slot fills. Inputs whose field a request lacks keep their values."""

    graph: Graph
    places: Mapping[str, tuple[Place, ...]]
    instrumental_lyrics: str

    def fill(self, request: RenderRequest) -> Graph:
        """Return the nodes with the values of a request; numbers keep the type that the input has in the workflow."""
        graph = copy.deepcopy(self.graph)
        for slot, places in self.places.items():
            value = self._value(slot, request)
            for place in places if value is not None else ():
                inputs = graph[place.node]["inputs"]
                inputs[place.name] = _as_type_of(inputs[place.name], value)
        return graph

    @property
    def capabilities(self) -> Capabilities:
        """What a workflow with these slots does with each field; others are refused."""
        note = "It is what the workflow of the operator makes of it."
        declared: dict[str, Capability] = {
            "style_tags": APPROXIMATED,
            "instrumental": Capability(Support.APPROXIMATED, note=note),
        }
        fields = {
            "negative_prompt": "negative_prompt",
            "lyrics": "lyrics",
            "language": "lyrics_language",
            "bpm": "tempo_bpm",
            "key": "key",
            "seed": "seed",
        }
        declared |= {field: APPROXIMATED for slot, field in fields.items() if slot in self.places}
        if {"metre", "beats"} & self.places.keys():
            declared["metre"] = APPROXIMATED
        if "seconds" not in self.places:
            declared["duration_seconds"] = Capability(Support.IGNORED, note="The workflow sets the length.")
        return replace(Capabilities.of_prompt_only(), **declared)

    @property
    def model(self) -> str | None:
        """The file name of the first model that the workflow loads."""
        return next((str(value) for _, name, value in self._inputs() if name in MODEL_INPUTS), None)

    @property
    def loras(self) -> tuple[str, ...]:
        """The file names of the LoRA adapters that the workflow loads."""
        return tuple(str(value) for _, name, value in self._inputs() if name == LORA_INPUT)

    @property
    def classes(self) -> Sequence[str]:
        """The classes of nodes."""
        return sorted({node["class_type"] for node in self.graph.values()})

    def choices(self, node_class: str) -> Iterator[tuple[str, object]]:
        """Yield the names and values of inputs of a class that no slot fills and no other node provides."""
        slots = {(place.node, place.name) for places in self.places.values() for place in places}
        for node, name, value in self._inputs():
            if self.graph[node]["class_type"] == node_class and (node, name) not in slots:
                yield name, value

    def _inputs(self) -> Iterator[tuple[str, str, object]]:
        for node, content in self.graph.items():
            yield from ((node, name, value) for name, value in content["inputs"].items() if not isinstance(value, list))

    def _value(self, slot: str, request: RenderRequest) -> object:
        if slot == "lyrics":
            return self.instrumental_lyrics if request.instrumental else request.lyrics or ""
        return templates.values(request)["tempo" if slot == "bpm" else slot]


def load(path: str, slots: Mapping[str, object], instrumental_lyrics: str) -> Workflow:
    """Return a workflow from a file. Raises ValueError if it is none, or if slots name inputs that it lacks."""
    if not Path(path).is_absolute():
        raise ValueError(f"The option workflow is {path!r}; it must be the absolute path of a file in API format.")
    try:
        graph = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise ValueError(f"The workflow {path} cannot be read.") from None
    except ValueError:
        raise ValueError(f"The workflow {path} is not JSON.") from None
    _check_graph(graph, path)
    places = {slot: tuple(_places(graph, slot, value)) for slot, value in slots.items()}
    if "prompt" not in places:
        raise ValueError('The option slots needs the slot prompt, such as {"prompt": "6.tags"}.')
    return Workflow(graph, places, instrumental_lyrics)


def _check_graph(graph: object, path: str) -> None:
    if isinstance(graph, dict) and "nodes" in graph and "links" in graph:
        raise ValueError(f"The workflow {path} is in the format of the editor. Export it with 'Export (API)'.")
    is_graph = isinstance(graph, dict) and graph and all(map(_is_node, graph.values()))
    if not is_graph:
        raise ValueError(f"The workflow {path} is not in API format: nodes by id, with class_type and inputs.")


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _places(graph: Graph, slot: str, value: object) -> Iterator[Place]:
    if slot not in SLOTS:
        raise ValueError(f"The workflow slot {slot!r} is unknown. Slots: {', '.join(SLOTS)}.")
    for text in value if isinstance(value, list) else [value]:
        node, _, name = str(text).rpartition(".")
        if name not in graph.get(node, {"inputs": {}})["inputs"]:
            raise ValueError(
                f"The workflow slot {slot} is {text!r}; it must name an input of a node, such as '6.tags'."
            )
        yield Place(node, name)


def _as_type_of(current: object, value: object) -> object:
    """Return a value in the type of the current one: whole numbers for whole numbers, text for text."""
    if isinstance(current, str):
        return str(value)
    if isinstance(value, int | float) and not isinstance(current, bool):
        return round(value) if isinstance(current, int) else float(value)
    return value
