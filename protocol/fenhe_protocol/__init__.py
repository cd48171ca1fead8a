"""What Fenhe says on the wire, as values and functions: no files, network, clock or database.

Time, bytes and facts come in as arguments. Where to start: `reading.decide` (the next state of a
log), `block.judge_block` (its bodies), `root_document.open_first` (whom to believe).

    errors, error_texts/    every error by whose fault it is; every code in two languages
    limits                  every number that bounds what is read
    encoding, strict_json   base64, decimals, times; JSON without its loose ends
    origin                  names of units and logs

    keys, note              Ed25519 as admitted here; signed notes
    checkpoint              signed heads and their cosignatures
    root_text               what a root document says
    root_document           when it is believed: fingerprint, threshold, chain
    root_changes            what the next one says: keys that follow, logs that end
    request, receipt        signed requests; when a record counts as delivered

    merkle, tiles           the tree and its proofs; the files a log consists of
    subtree, upload         blocks proven within a tree; entries sent to a mirror
    leaf, body              what is in the log; what stands beside it, bound by commitments
    entry                   a leaf with its bodies, before it has an index
    reading, spool          how a log is read on, step by step; forks told from faults
    block, record           one body file against its leaves; whether one body counts
    proof                   a proof file: one record, its place in the log, its signatures
    seal                    sealed bodies of tier `nat`: HPKE to the gateway
    witness                 checkpoints submitted to a witness or mirror, and how they are judged

    schema                  the contract of each kind; with
      schema_fields         what it says about its fields
      schema_tiers          the schema of each tier, and records taken apart by them
      schema_checks         what JSON Schema cannot say
      schema_violations, schema_text   what is wrong with a value, in sentences
    identifiers, code_tables         统一社会信用代码 and ROR; classes, subjects, regions
    privacy, privacy_mail, privacy_names   personal data found in what others can read
    forwarded               what a hub tells the gateway of instruments at the national platform
    nrii_norm, nrii_wsdl    the national platform's norm for each type; its interface described
    terminal                text in columns, where a Chinese character is two wide
    workdays                working days and the deadlines counted in them
    settings                a dataclass as the contract of a configuration file
"""
