import Foundation

enum FolderListing {
    /// The names of the files in a folder that end in a certain way, sorted; none when there is no such folder.
    static func names(in folder: String, ending: String) throws -> [String] {
        guard FileAccess.isDirectory(folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw AppError(.file, "the folder \(folder) cannot be read: \(error.localizedDescription)")
        }
    }
}
