import MinskyModel

/// What a format has no words for, carried along in a member of its own that other programs pass over.
///
/// A carried value is believed only as long as the record would be written the same with it and without it. A value that
/// another program changed meanwhile therefore wins over what was carried beside it.
enum Carried {
    /// The name of the member that carries.
    static let key = "minsky"

    /// The fields of a record that differ from what is read back without them, as an object; nil when none do.
    static func object(of record: TaskRecord, readBack: TaskRecord) -> JSON? {
        var members: [JSON.Member] = []
        for field in RecordField.all {
            let value = field.value(record)
            if value == field.value(readBack) { continue }
            if field.key == "metadata" {
                let missing = record.metadata.filter { readBack[metadata: $0.key]?.canonical != $0.value.canonical }
                if !missing.isEmpty { members.append(JSON.Member(field.key, .object(missing))) }
            } else {
                members.append(JSON.Member(field.key, value))
            }
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// Puts carried fields back into a record.
    /// - Parameter rendering: How the format writes a record in its own words.
    static func apply<Text: Equatable>(_ carried: JSON, to record: inout TaskRecord, rendering: (TaskRecord) -> Text) {
        let members = flattened(carried)
        let before = rendering(record)
        var all = record
        for member in members { set(member, &all) }
        if rendering(all) == before {
            record = all
        } else {
            for member in members {
                var one = record
                set(member, &one)
                if rendering(one) == before { record = one }
            }
        }
    }

    /// The members to be tried one by one: those of the metadata each for itself.
    private static func flattened(_ carried: JSON) -> [JSON.Member] {
        (carried.members ?? []).flatMap { member in
            guard member.key == "metadata", let inner = member.value.members else { return [member] }
            return inner.map { JSON.Member("metadata", .object([$0])) }
        }
    }

    private static func set(_ member: JSON.Member, _ record: inout TaskRecord) {
        if member.key == "metadata" {
            for inner in member.value.members ?? [] { record[metadata: inner.key] = inner.value }
        } else if member.key == "id" {
            var named = record
            guard RecordField.named("id")?.set(&named, member.value) == true else { return }
            named.alias = record.reference
            record = named
        } else {
            _ = RecordField.named(member.key)?.set(&record, member.value)
        }
    }
}
