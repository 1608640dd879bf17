import MinskyModel

/// What the settings say about queries: fields of one's own, views, how much counts for urgency, the context.
extension Configuration {
    /// The fields that the user defined in the metadata of tasks.
    var customFields: [CustomField] {
        values(of: .field).compactMap { name, kind in CustomField.Kind(rawValue: kind).map { CustomField(name, $0) } }
    }

    /// Queries that have a name.
    public var views: [(name: String, query: String)] { values(of: .view).map { ($0.name, $0.value) } }

    /// The name of the view whose conditions hold for every list, or nil.
    public var context: String? { value("context") }

    /// How much each factor counts.
    var coefficients: UrgencyCoefficients {
        var coefficients = UrgencyCoefficients()
        for (name, value) in values(of: .urgency) {
            if let number = Double(value) { _ = coefficients.set(name, to: number) }
        }
        return coefficients
    }

    /// The columns that lists show, or nil for the usual ones.
    public var columns: [String]? {
        value("list.columns")?.split(separator: ",").map { String($0).trimmingSpace }
    }

    /// What a query is read against.
    public func queryContext(of caller: Caller) -> QueryContext {
        QueryContext(
            now: environment.now(), utcOffset: environment.utcOffset, actor: caller.name, customFields: customFields)
    }
}
