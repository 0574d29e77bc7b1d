"""Weft and Envoy in turn on the same work; ratios as they were measured."""
