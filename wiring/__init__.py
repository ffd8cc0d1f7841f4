"""Builds from the settings the parts that several processes share; decides nothing and runs nothing by itself."""
