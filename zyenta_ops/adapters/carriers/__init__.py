"""Services that follow parcels; one folder each.

`asking` is how they are asked, `reading` what their answers have in common.
"""
