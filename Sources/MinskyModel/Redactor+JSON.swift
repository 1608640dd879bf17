extension Redactor {
    /// A JSON value with `mask` in place of every secret in its texts, names of members included.
    ///
    /// In the written form, an escape of JSON could stand before a disguise and be cut in two.
    public func redacted(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(redacted(text))
        case .array(let elements): .array(elements.map(redacted))
        case .object(let members): .object(members.map { .init(redacted($0.key), redacted($0.value)) })
        default: json
        }
    }
}
