"""Servers of ACE-Step for tests: the genuine API server with a tone generator as its model, and acestep.cpp's."""
