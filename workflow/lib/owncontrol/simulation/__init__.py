"""A seeded SYNTHETIC study: true courses of patients, the files sites export of them, and faults.

`cohort` and `treatment` draw who the patients are and what happened to them, `exams` the 132 cells
of each neurological examination, `function_scales` SCIM-III and WISCI II. `exports` and
`redcap_export` turn that truth into the files a site sends, `faults` damage those files in known
places, `documents` and `study` write the folder. Everything up to the exports is vectorised over
subjects, so that their number is only an argument.
"""
