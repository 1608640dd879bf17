import MinskyModel

extension DecomposeTask.Result {
    /// The breakdown as the documented JSON object.
    public var json: JSON {
        let usage: JSON? = breakdown.usage.map {
            ["inputTokens": .integer(Int64($0.input)), "outputTokens": .integer(Int64($0.output))]
        }
        return [
            "parent": subtasks.isEmpty && !isParentStored ? .null : list.json(of: parent),
            "subtasks": list.restricted(to: subtasks).json, "provider": .string(breakdown.provider),
            "model": .string(breakdown.model), "usage": usage ?? .null,
            "leftOut": .array(leftOut.map(JSON.string)), "candidates": .array(candidates.map { .string($0.name) }),
            "warnings": .array(warnings.map(JSON.string)), "isNewParent": .bool(isNewParent),
        ]
    }
}
