"""Tests of thinking procedures through."""
