import Foundation
import MinskyModel
import MinskySQL

/// Names a row of any table; ids are the same when their bytes are.
struct RowKey: Hashable, Sendable {
    let table: String
    /// The row's id, as the change log has it.
    let id: String

    init(_ table: String, _ id: String) {
        self.table = table
        self.id = id
    }

    init(_ change: Change) { self.init(change.table, change.rowID) }

    static func == (left: RowKey, right: RowKey) -> Bool {
        guard left.id.utf8.count == right.id.utf8.count, left.table == right.table else { return false }
        var (id, other) = (left.id, right.id)
        return id.withUTF8 { bytes in
            other.withUTF8 { others in
                bytes.baseAddress.flatMap { first in others.baseAddress.map { memcmp(first, $0, bytes.count) == 0 } }
                    ?? true
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var id = id
        id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// The fields of a row in the form they have in the change log; what is null is not there.
struct RowFields: Hashable, Sendable {
    /// In the order of their names. There are few, so that they are found faster one after the other than by a hash.
    private var members: [JSON.Member] = []

    init() {}

    init(_ object: JSON?) {
        let object = object?.members ?? []
        members.reserveCapacity(object.count)
        for member in object { self[member.key] = member.value }
    }

    subscript(name: String) -> JSON {
        get { members.first { $0.key == name }?.value ?? .null }
        set {
            // What comes in order is put at the end.
            let place =
                members.last.map { $0.key < name } ?? true ? members.count : members.firstIndex { $0.key >= name }
            guard let place, place < members.count, members[place].key == name else {
                if newValue != .null { members.insert(JSON.Member(name, newValue), at: place ?? members.count) }
                return
            }
            if newValue == .null { members.remove(at: place) } else { members[place].value = newValue }
        }
    }

    var names: [String] { members.map(\.key) }
    var json: JSON { .object(members) }

    /// The fields in which a row is not what another one is.
    func differences(from other: RowFields) -> [(name: String, before: JSON, after: JSON)] {
        var found: [(name: String, before: JSON, after: JSON)] = []
        var (old, new) = (other.members[...], members[...])
        while true {
            switch (old.first, new.first) {
            case (nil, nil): return found
            case (let before?, let after?) where before.key == after.key:
                if before.value != after.value { found.append((before.key, before.value, after.value)) }
                old = old.dropFirst()
                new = new.dropFirst()
            case (let before?, let after) where after.map { before.key < $0.key } ?? true:
                found.append((before.key, before.value, .null))
                old = old.dropFirst()
            case (_, let after):
                if let after { found.append((after.key, .null, after.value)) }
                new = new.dropFirst()
            }
        }
    }

    /// What leads from one row to another, or nil when nothing does.
    static func change(_ key: RowKey, from before: RowFields?, to after: RowFields?) -> Change? {
        switch (before, after) {
        case (nil, nil): return nil
        case (nil, let after?):
            return Change(table: key.table, rowID: key.id, kind: .insert, before: nil, after: after.json)
        case (let before?, nil):
            return Change(table: key.table, rowID: key.id, kind: .delete, before: before.json, after: nil)
        case (let before?, let after?):
            let fields = after.differences(from: before)
            guard !fields.isEmpty else { return nil }
            return Change(
                table: key.table, rowID: key.id, kind: .update,
                before: .object(fields.map { .init($0.name, $0.before) }),
                after: .object(fields.map { .init($0.name, $0.after) }))
        }
    }

    /// A row after a change that has been decided about.
    static func apply(_ change: Change, to row: RowFields?) -> RowFields? {
        switch change.kind {
        case .insert: return RowFields(change.after)
        case .delete: return nil
        case .update:
            guard var fields = row else { return nil }
            for member in change.after?.members ?? [] { fields[member.key] = member.value }
            return fields
        }
    }

    /// A row before a change that it has.
    static func takeBack(_ change: Change, from row: RowFields?) -> RowFields? {
        switch change.kind {
        case .insert: return nil
        case .delete: return RowFields(change.before)
        case .update:
            guard var fields = row else { return nil }
            for member in change.before?.members ?? [] { fields[member.key] = member.value }
            return fields
        }
    }
}

extension TableCopy {
    /// The logged fields of a row.
    func fields(_ values: [SQLValue]) -> RowFields {
        var fields = RowFields()
        for (column, value) in zip(columns, values) where column.isLogged && !table.key.contains(column.name) {
            fields[column.name] = value.logged
        }
        return fields
    }
}

extension SQLValue {
    /// The value in the form it has in the change log.
    var logged: JSON {
        switch self {
        case .null: .null
        case .integer(let number): .string(String(number))
        case .text(let text): .string(text)
        case .timestamp(let moment): .string(moment.iso8601)
        case .json(let json): json.canonical
        case .storedJSON(let text): .string(text)
        case .rawText(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .blob(let bytes): .string(bytes.map(Self.hex).joined())
        case .texts(let texts): .array(texts.map(JSON.optional))
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }
}
