"""Sources: one module each turns an outside format into the observation table.

``un_sdg`` the UN SDG Global Database, ``un_sdg_history`` its releases as runs, ``sdmx_table`` SDMX laid flat as
national offices share it, ``open_sdg`` the data files of Open SDG sites, ``sdmx`` SDMX-ML messages. ``codes`` holds the
code tables a source is read with, ``runs`` turns many releases into runs and back, ``files`` opens files or refuses
them.
"""
