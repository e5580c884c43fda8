"""Members of an organization, for its admins: roles, off-boarding and erasure."""

from datetime import datetime

import strawberry

from resolvers.organizations import members
from resolvers.organizations.members import CreateMember
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from storage.queries import members as rows
from storage.tables import Role


@row_backed(
    user_id="row.user.id",
    name="row.user.name",
    disabled_at="row.user.disabled_at",
    role="row.membership.role",
    joined_at="row.membership.created_at",
    is_claimed="row.membership.is_claimed",
)
@strawberry.type(description="A member of an organization. Visible to its admins.")
class Member(RowBacked[rows.Member]):
    user_id: strawberry.ID = strawberry.field(description="The ID of the user.")
    name: str = strawberry.field(description="The display name of the user.")
    role: Role = strawberry.field(description="The role in the organization.")
    joined_at: datetime = strawberry.field(description="The time when the user became a member.")
    disabled_at: datetime | None = strawberry.field(description="The time when the user was disabled, or null.")
    is_claimed: bool = strawberry.field(
        description="Whether only access tokens of the identity provider make the user a member."
    )


@strawberry.input(description="The parameters of `createMember`.")
class CreateMemberInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    name: str = strawberry.field(description="The display name of the user, up to 255 characters.")
    role: Role | None = strawberry.field(default=Role.MEMBER, description="The role in the organization.")


@strawberry.type(description="The user was created.")
class CreateMemberPayload:
    member: Member = strawberry.field(description="The member.")
    sign_in_url: str = strawberry.field(
        description="A link that signs the user in to the studio page once, within seven days. Not returned again."
    )


@strawberry.input(description="The parameters of `grantRole`.")
class GrantRoleInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    user_id: strawberry.ID = strawberry.field(description="The ID of a member or former member.")
    role: Role = strawberry.field(description="The new role.")


@strawberry.type(description="The member has the role.")
class GrantRolePayload:
    member: Member = strawberry.field(description="The member.")


@strawberry.input(description="The parameters of `revokeMembership`.")
class RevokeMembershipInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    user_id: strawberry.ID = strawberry.field(description="The ID of the member.")


@strawberry.type(description="The user is no longer a member.")
class RevokeMembershipPayload:
    member: Member = strawberry.field(description="The former member.")


@strawberry.input(description="The parameters of `disableUser` and `deleteUser`.")
class UserInput:
    user_id: strawberry.ID = strawberry.field(description="The ID of the user.")


@strawberry.type(description="The user was disabled.")
class DisableUserPayload:
    user_id: strawberry.ID = strawberry.field(description="The ID of the user.")


@strawberry.type(description="The user's personal data was erased.")
class DeleteUserPayload:
    user_id: strawberry.ID = strawberry.field(description="The ID of the user, which no longer has a name.")


_ERRORS = NotFoundError | ForbiddenError | ConflictError


@strawberry.type
class MemberMutations:
    @mutation(
        "Create a user as a member of the organization, with a link that signs the user in. Requires the admin role.",
        InvalidInputError,
    )
    async def create_member(self, info: Info, input: Input[CreateMemberInput]) -> CreateMemberPayload:
        ctx, command = info.context.ctx, to_command(CreateMember, input, "organization_id", role=Role.MEMBER)
        member, code = await members.create(ctx, input.organization_id, command)
        return CreateMemberPayload(member=Member.from_row(member), sign_in_url=ctx.link(f"/studio?code={code}"))

    @mutation(
        "Set the role of a member, or make a former member one again. Requires the admin role. An organization keeps "
        "at least one admin.",
        _ERRORS,
    )
    async def grant_role(self, info: Info, input: Input[GrantRoleInput]) -> GrantRolePayload:
        row = await members.grant(info.context.ctx, input.organization_id, input.user_id, input.role)
        return GrantRolePayload(member=Member.from_row(row))

    @mutation(
        "End a membership. The member's share links in the organization are revoked, its unfinished generations "
        "cancelled and its sockets closed at once; with the last membership all keys of the user are revoked. Requires "
        "the admin role.",
        _ERRORS,
    )
    async def revoke_membership(self, info: Info, input: Input[RevokeMembershipInput]) -> RevokeMembershipPayload:
        row = await members.revoke(info.context.ctx, input.organization_id, input.user_id)
        return RevokeMembershipPayload(member=Member.from_row(row))

    @mutation(
        "Disable a user: all keys and share links are revoked, tokens are refused, sockets closed. Requires the admin "
        "role in every organization of the user. The operator can enable the user again.",
        _ERRORS,
    )
    async def disable_user(self, info: Info, input: Input[UserInput]) -> DisableUserPayload:
        return DisableUserPayload(user_id=strawberry.ID((await members.disable(info.context.ctx, input.user_id)).id))

    @mutation(
        "Disable a user, end its memberships and erase its personal data: name, tracks, library, collections, exports, "
        "prompts and lyrics. Costs stay for accounting. This cannot be undone. Requires the admin role in every "
        "organization of the user.",
        _ERRORS,
    )
    async def delete_user(self, info: Info, input: Input[UserInput]) -> DeleteUserPayload:
        return DeleteUserPayload(user_id=strawberry.ID((await members.erase(info.context.ctx, input.user_id)).id))
