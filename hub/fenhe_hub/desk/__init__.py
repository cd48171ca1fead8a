"""What operators do that reaches beyond the casework: registry, nodes, evidence, the nation.

The console and the terminal call the same functions; each ends in an act of the office, begun
before the thing is done and said after it, within the same turn (`Office.doing`). Whoever has a
shell on the machine acts as `THE_HUB`.

    applying    a unit on its way in: opened, compared, on hold, refused, admitted
    enrolling   root documents believed by a fingerprint, and the registry's entry
    announcing  a year of working days
    standing    suspended, resumed, moved, retired; the next root document looked for
    evidence_kept   what is kept against units
    releasing   the end of a quarantine
    delivering  what goes to the national platform: approved, held back, sent again
    trusting    hubs above that may read what is held
    unfinished  what somebody was killed in the midst of
"""
