"""Generations and the engines that render them."""
