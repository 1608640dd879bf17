import Foundation
import MinskyModel
import TestSupport
import Testing

@testable import MinskyApp

@Suite("Finding a workspace")
final class WorkspaceTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    deinit { scratch.remove() }

    private func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: scratch.path + path, withIntermediateDirectories: true)
    }

    /// The workspace that is found, relative to the scratch folder.
    private func found(
        from folder: String, home: String = "/users/ada", directory: String? = nil, variable: String? = nil
    ) throws -> String? {
        var environment = TestEnvironment.make(folder: scratch.path + folder, home: scratch.path + home)
        environment.variables["MINSKY_DIR"] = variable
        do {
            return String(try Workspace.find(directory, in: environment).path.dropFirst(scratch.path.count))
        } catch let error as AppError where error.code == .noWorkspace {
            return nil
        }
    }

    @Test func theNearestOneAboveIsFound() throws {
        try make("/users/ada/.minsky")
        try make("/users/ada/work/.minsky")
        try make("/users/ada/work/a/b")
        #expect(try found(from: "/users/ada/work/a/b") == "/users/ada/work/.minsky")
        #expect(try found(from: "/users/ada/work") == "/users/ada/work/.minsky")
        #expect(try found(from: "/users/ada") == "/users/ada/.minsky")
    }

    @Test func theSearchEndsAtTheParentOfTheHome() throws {
        try make("/.minsky")
        try make("/users/ada/work")
        #expect(try found(from: "/users/ada/work") == nil)
        #expect(try found(from: "/users") == nil)
        try make("/users/.minsky")
        #expect(try found(from: "/users/ada/work") == "/users/.minsky")
        try make("/srv/project")
        #expect(try found(from: "/srv/project") == "/.minsky", "outside of the home the search goes on to the root")
    }

    @Test func aFileOfThatNameIsNoWorkspace() throws {
        try make("/users/ada/work")
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/users/ada/work/.minsky"))
        #expect(try found(from: "/users/ada/work") == nil)
    }

    @Test func aNamedFolderIsSearchedAboveAsTheWorkingDirectoryIs() throws {
        try make("/users/ada/.minsky")
        try make("/users/ada/work")
        #expect(try found(from: "/users/ada", directory: "work") == "/users/ada/.minsky")
        #expect(try found(from: "/users/ada", directory: "nowhere") == nil)
        #expect(try found(from: "/", directory: "users") == nil)
        #expect(try found(from: "/", directory: "users/ada") == "/users/ada/.minsky")
        #expect(try found(from: "/", directory: "users/ada/.minsky") == "/users/ada/.minsky")
        #expect(try found(from: "/", directory: "users/ada/work/../.minsky/") == "/users/ada/.minsky")
        #expect(try found(from: "/", directory: "~") == "/users/ada/.minsky")
    }

    @Test func theVariableCountsWithoutAnOption() throws {
        try make("/one/.minsky")
        try make("/two/.minsky")
        #expect(try found(from: "/two", variable: scratch.path + "/one") == "/one/.minsky")
        #expect(try found(from: "/", directory: "two", variable: scratch.path + "/one") == "/two/.minsky")
        #expect(try found(from: "/two", variable: "") == "/two/.minsky")
        try make("/two/sub")
        #expect(try found(from: "/two", variable: scratch.path + "/two/sub") == nil, "the variable names it exactly")
    }
}
