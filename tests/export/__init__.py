"""Tests of export, one file a target."""
